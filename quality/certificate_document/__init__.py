"""The certificate that a client is shown: facts in; JSON, a page and a signature out. Pure, but for `facts`."""
