"""What a monitoring system reads: counts of requests, and how far the figures are behind."""
