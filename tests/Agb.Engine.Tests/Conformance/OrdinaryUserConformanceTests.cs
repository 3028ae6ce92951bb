using Agb.Engine.Tests.Sessions;
using Agb.Engine.Tests.Store;

namespace Agb.Engine.Tests.Conformance;

/// <summary>Runs the tests in which files and processes matter once more as a user without any privilege.</summary>
public sealed class OrdinaryUserConformanceTests
{
    private static readonly Type[] s_classes =
    [
        typeof(OverlayGuideWorkflowTests), typeof(OverlayMergeTests), typeof(OverlayDownloadTests), typeof(OverlayIncrementalSyncTests),
        typeof(OverlayFileAttributeTests), typeof(OverlayFileKindTests), typeof(OverlayFileNameTests), typeof(OverlaySessionRemovalTests),
        typeof(CopyGuideWorkflowTests), typeof(CopyMergeTests), typeof(CopyDownloadTests), typeof(CopyIncrementalSyncTests),
        typeof(CopyFileAttributeTests), typeof(CopyFileKindTests),
        typeof(OverlayContextFileTests), typeof(OverlayContextFileChangeTests), typeof(OverlayContextFileSessionTests),
        typeof(OverlayClearTests), typeof(OverlayRestoreTests), typeof(CopyContextFileSessionTests), typeof(CopyClearTests),
        typeof(OverlayWhiteListTests), typeof(OverlayExtractTests), typeof(OverlayArchiveModeTests), typeof(OverlayExplicitDownloadTests),
        typeof(CopyWhiteListTests), typeof(CopyArchiveModeTests), typeof(OverlayHomeMountTests), typeof(CopyHomeMountTests),
        typeof(LostSessionTests), typeof(OtherProcessTests), typeof(DamagedStoreTests),
        typeof(ClosedEntryTests), typeof(DirectoryRenameTests), typeof(OverlayReplacementTests),
    ];

    [Fact]
    public Task They_pass_for_an_ordinary_user() =>
        OrdinaryUser.PassesAsync([.. s_classes.SelectMany(c => (string[])["-class", c.FullName!])], TestContext.Current.CancellationToken);
}
