"""An invitation to clarify (*undangan klarifikasi*). The commission invites; it never orders."""
