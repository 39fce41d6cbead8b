"""What is kept of every edit: jobs, inputs, takes and drafts; how they are found, packed up and made whole again."""
