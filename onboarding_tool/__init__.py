"""The toolkit that manages a GitOps onboarding repo; the command is `onboard`."""

__version__ = "0.1.0"
