"""The oracle of random networks: designs, executed with torch's functions."""
