"""`python -m pillm`."""
import sys

from pillm.cli import main

sys.exit(main())
