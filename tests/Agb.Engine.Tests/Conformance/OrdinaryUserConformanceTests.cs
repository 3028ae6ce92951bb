using Agb.Engine.Tests.Sessions;
using Agb.Engine.Tests.Store;
using Agb.Conformance;

namespace Agb.Engine.Tests.Conformance;

/// <summary>Runs the tests in which files and processes matter once more as a user without any privilege.</summary>
public sealed class OrdinaryUserConformanceTests
{
    private static readonly Type[] s_classes =
    [
        typeof(OverlayGuideWorkflowTests), typeof(OverlayMergeTests), typeof(OverlayDownloadTests), typeof(OverlayIncrementalSyncTests),
        typeof(OverlayFileAttributeTests), typeof(OverlayFileKindTests), typeof(OverlayFileNameTests), typeof(OverlaySessionRemovalTests),
        typeof(CopyGuideWorkflowTests), typeof(CopyFileAttributeTests), typeof(OverlayContextFileSessionTests),
        typeof(OverlayClearTests), typeof(OverlayWhiteListTests), typeof(OverlayExtractTests), typeof(OverlayArchiveModeTests),
        typeof(CopyWhiteListTests), typeof(OverlayHomeMountTests), typeof(LostSessionTests), typeof(OtherProcessTests), typeof(DamagedStoreTests),
        typeof(ClosedEntryTests), typeof(DirectoryRenameTests),
    ];

    // What differs less for such a user, or takes long.
    private static readonly Type[] s_longClasses =
    [
        typeof(CopyMergeTests), typeof(CopyDownloadTests), typeof(CopyIncrementalSyncTests), typeof(CopyFileKindTests), typeof(OverlayContextFileTests),
        typeof(OverlayContextFileChangeTests), typeof(OverlayRestoreTests), typeof(CopyContextFileSessionTests), typeof(CopyClearTests),
        typeof(OverlayExplicitDownloadTests), typeof(CopyArchiveModeTests), typeof(CopyHomeMountTests), typeof(OverlayReplacementTests),
    ];

    [Fact]
    public Task They_pass_for_an_ordinary_user() =>
        OrdinaryUser.PassesAsync([.. s_classes.Concat(LongTests.Wanted ? s_longClasses : []).SelectMany(c => (string[])["-class", c.FullName!])], TestContext.Current.CancellationToken);
}
