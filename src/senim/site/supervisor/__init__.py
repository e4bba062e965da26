"""`senim up`: starts everything in order, keeps it running, stops it; leaves nothing that blocks a next start."""
