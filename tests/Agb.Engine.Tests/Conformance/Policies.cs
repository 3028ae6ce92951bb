using Agb.Conformance.Policies;

namespace Agb.Engine.Tests.Conformance;

public sealed class CopyWhiteListTests(CopyFixture fixture) : WhiteListTests(fixture), IClassFixture<CopyFixture>;

public sealed class OverlayWhiteListTests(OverlayFixture fixture) : WhiteListTests(fixture), IClassFixture<OverlayFixture>;

public sealed class CopyExplicitDownloadTests(CopyFixture fixture) : ExplicitDownloadTests(fixture), IClassFixture<CopyFixture>;

public sealed class OverlayExplicitDownloadTests(OverlayFixture fixture) : ExplicitDownloadTests(fixture), IClassFixture<OverlayFixture>;

public sealed class CopyDeletionTests(CopyFixture fixture) : DeletionTests(fixture), IClassFixture<CopyFixture>;

public sealed class OverlayDeletionTests(OverlayFixture fixture) : DeletionTests(fixture), IClassFixture<OverlayFixture>;

public sealed class CopyPlanTests(CopyFixture fixture) : PlanTests(fixture), IClassFixture<CopyFixture>;

public sealed class OverlayPlanTests(OverlayFixture fixture) : PlanTests(fixture), IClassFixture<OverlayFixture>;

public sealed class CopyExtractTests(CopyFixture fixture) : ExtractTests(fixture), IClassFixture<CopyFixture>;

public sealed class OverlayExtractTests(OverlayFixture fixture) : ExtractTests(fixture), IClassFixture<OverlayFixture>;

public sealed class CopyArchiveModeTests(CopyFixture fixture) : ArchiveModeTests(fixture), IClassFixture<CopyFixture>;

public sealed class OverlayArchiveModeTests(OverlayFixture fixture) : ArchiveModeTests(fixture), IClassFixture<OverlayFixture>;

public sealed class CopyMappedPolicyTests(CopyFixture fixture) : MappedPolicyTests(fixture), IClassFixture<CopyFixture>;

public sealed class OverlayMappedPolicyTests(OverlayFixture fixture) : MappedPolicyTests(fixture), IClassFixture<OverlayFixture>;
