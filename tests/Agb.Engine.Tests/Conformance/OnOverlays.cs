using Agb.Conformance.Contexts;
using Agb.Conformance.Data;

namespace Agb.Engine.Tests.Conformance;

public sealed class OverlayContextTests(OverlayFixture f) : ContextTests(f), IClassFixture<OverlayFixture>;

public sealed class OverlayGuideWorkflowTests(OverlayFixture f) : GuideWorkflowTests(f), IClassFixture<OverlayFixture>;
