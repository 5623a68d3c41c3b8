"""What comes in by itself: reports of the gateway, notices of other machines."""
