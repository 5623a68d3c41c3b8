"""What is sealed is referred to those who follow it up: by one person at once, reviewed after."""
