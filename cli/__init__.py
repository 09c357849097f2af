"""The `mdp` command. Calls the packages and may start the sandbox; decides nothing itself."""
