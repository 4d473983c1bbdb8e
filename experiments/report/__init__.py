"""The parts of ``offramp report``: one self-contained HTML page about one study or several."""
