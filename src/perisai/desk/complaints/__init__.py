"""A complaint (*aduan*): what somebody saw, under a receipt (*kode aduan*) instead of a name."""
