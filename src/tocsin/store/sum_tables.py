"""Private sums of evidence: rosters, epochs, submissions, answers."""
