"""Every event the platform reports: `room:subject:what`, one file per emitting room."""
