"""What leaves for other people's servers: signed, bounded in time, and never to an address inside of ours."""
