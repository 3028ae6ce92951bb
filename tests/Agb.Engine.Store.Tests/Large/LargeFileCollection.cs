namespace Agb.Engine.Store.Tests;

/// <summary>Tests that lower the size of a large file in this process, so no others run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LargeFileCollection : ICollectionFixture<LargeFileCollection>, IDisposable
{
    internal const string Name = "large files";

    /// <summary>The size meanwhile.</summary>
    internal const int MinSize = 256 * 1024;

    // Also for processes started by a test.
    private const string Variable = "AGB_TEST_LARGE_FILE";

    public LargeFileCollection()
    {
        LargeFiles.MinSize = MinSize;
        Environment.SetEnvironmentVariable(Variable, $"{MinSize}");
    }

    public void Dispose()
    {
        LargeFiles.MinSize = LargeFiles.DefaultMinSize;
        Environment.SetEnvironmentVariable(Variable, null);
    }
}
