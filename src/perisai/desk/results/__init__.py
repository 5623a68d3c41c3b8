"""The public result (*pengumuman*): what a case has come to, agreed by two people, for everyone."""
