"""What the platform makes: each module wires one package function to its assets."""
