"""Ad platform APIs to raw tables. Runs without Dagster."""
