using Agb.Conformance.Policies;

namespace Agb.Engine.Tests.Conformance;

public sealed class CopyWhiteListTests(CopyFixture fixture) : WhiteListTests(fixture), IClassFixture<CopyFixture>;

public sealed class OverlayWhiteListTests(OverlayFixture fixture) : WhiteListTests(fixture), IClassFixture<OverlayFixture>;
