"""``python -m cli`` is ``mdp``."""

from cli.main import app

app()
