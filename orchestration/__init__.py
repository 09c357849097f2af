"""What runs when, on what, after what. The only package that imports dagster."""
