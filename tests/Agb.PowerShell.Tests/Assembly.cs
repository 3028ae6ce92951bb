// Tests change environment variables, and runspaces share the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
