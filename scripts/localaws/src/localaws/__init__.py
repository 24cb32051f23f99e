"""The AWS that runs on a laptop: a SAM template deployed whole, with no account, no Docker and no network."""
