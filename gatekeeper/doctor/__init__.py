"""What can be known without starting a run: settings, network, credentials, suites."""
