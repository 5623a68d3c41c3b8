"""Who has looked at what: evidence, complaints, letters, spreadsheets."""
