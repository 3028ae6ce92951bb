namespace Agb.Engine.Store.Tests;

/// <summary>Tests that lower the size of a large file in this process, so no others run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LargeFileCollection : ICollectionFixture<LargeFileCollection>, IDisposable
{
    internal const string Name = "large files";

    /// <summary>The size meanwhile.</summary>
    internal const int MinSize = 256 * 1024;

    public LargeFileCollection() => LargeFiles.MinSize = MinSize;

    public void Dispose() => LargeFiles.MinSize = LargeFiles.DefaultMinSize;
}
