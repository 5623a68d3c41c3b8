"""An appeal (*banding*): something is withheld, and somebody says that it need not be."""
