"""Hunt under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer."""
