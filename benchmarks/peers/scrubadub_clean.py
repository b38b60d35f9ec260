"""scrubadub with its default detectors."""

import scrubadub

from benchmarks.peers import redactions

if __name__ == "__main__":
    redactions.tell(scrubadub.Scrubber().clean)
