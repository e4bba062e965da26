"""What nobody outside the audit room imports: the tree, the signed notes, the store and the sealing of one batch."""
