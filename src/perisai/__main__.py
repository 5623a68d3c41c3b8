"""``python -m perisai`` is the command line."""

from perisai.cli import main

if __name__ == "__main__":
    main()
