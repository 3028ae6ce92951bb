using Agb.Conformance.Commands;
using Agb.Conformance.Contexts;
using Agb.Conformance.Data;

namespace Agb.Engine.Tests.Conformance;

public sealed class OverlayContextTests(OverlayFixture f) : ContextTests(f), IClassFixture<OverlayFixture>;

public sealed class OverlayGuideWorkflowTests(OverlayFixture f) : GuideWorkflowTests(f), IClassFixture<OverlayFixture>;

public sealed class OverlayMappingTests(OverlayFixture f) : MappingTests(f), IClassFixture<OverlayFixture>;

public sealed class OverlaySubtreeTests(OverlayFixture f) : SubtreeTests(f), IClassFixture<OverlayFixture>;

public sealed class OverlayMergeTests(OverlayFixture f) : MergeTests(f), IClassFixture<OverlayFixture>;

public sealed class OverlayReplacementTests(OverlayFixture f) : ReplacementTests(f), IClassFixture<OverlayFixture>;

public sealed class OverlayPolicyTests(OverlayFixture f) : PolicyTests(f), IClassFixture<OverlayFixture>;

public sealed class OverlayDownloadTests(OverlayFixture f) : DownloadTests(f), IClassFixture<OverlayFixture>;

public sealed class OverlayLineTests(OverlayFixture f) : LineTests(f), IClassFixture<OverlayFixture>;
