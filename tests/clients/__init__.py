"""`make clients`: clients that other people wrote read the sandbox, and what they read is compared with its truth."""
