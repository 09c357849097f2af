"""Figures of the anomaly warnings: false ones in a clean half year, and recall on planted faults by detectability."""
