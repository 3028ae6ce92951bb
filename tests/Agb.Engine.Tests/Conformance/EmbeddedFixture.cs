using Agb.Conformance;

[assembly: TestFramework(typeof(ServiceTestFramework))]
[assembly: Service(Services.Overlay, typeof(Agb.Engine.Tests.Conformance.OverlayFixture))]
[assembly: Service(Services.Copy, typeof(Agb.Engine.Tests.Conformance.CopyFixture))]

namespace Agb.Engine.Tests.Conformance;

/// <summary>The embedded service on a home directory of its own, which must be empty of sessions and layers, and of processes
/// and mounts, when the class is done.</summary>
public abstract class EmbeddedFixture(MountKind kind) : ServiceFixture
{
    private readonly List<EmbeddedService> _others = [];

    /// <summary>The home directory.</summary>
    public TemporaryHome Home { get; } = new();

    /// <inheritdoc/>
    public override Task<IAgbService> OpenAnotherAsync()
    {
        var other = Open();
        _others.Add(other);
        return Task.FromResult<IAgbService>(other);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Inventory() => Home.Inventory();

    /// <inheritdoc/>
    protected override Task<string?> WhyNotAsync() => Home.WhyNotAsync(needsOverlay: kind == MountKind.Overlay);

    /// <inheritdoc/>
    protected override Task<IAgbService> OpenAsync() => Task.FromResult<IAgbService>(Open());

    /// <inheritdoc/>
    protected override async Task CloseAsync(IAgbService? service)
    {
        if (PreparedSessions.Wanted)
        {
            // One more stands ready, or starts, as long as they are open.
            _others.ForEach(o => o.Dispose());
            (service as IDisposable)?.Dispose();
        }
        // Removal of layers goes on beside the calls.
        await Eventually.HoldsAsync("no session directory, layer or staging is left", () => Home.Inventory().Count == 0);
        _others.ForEach(o => o.Dispose());
        (service as IDisposable)?.Dispose();
        try
        {
            await Home.RequireNothingLeftAsync();
        }
        finally
        {
            await LeftSandboxes.EndAsync(Home.Root);
            Home.Delete();
        }
    }

    private EmbeddedService Open() => PreparedSessions.Open(new EmbeddedOptions { HomeDirectory = Home.Path, MountKind = kind });
}

/// <summary>Contexts are mounted through overlayfs.</summary>
public sealed class OverlayFixture() : EmbeddedFixture(MountKind.Overlay);

/// <summary>Contexts are copied into sessions.</summary>
public sealed class CopyFixture() : EmbeddedFixture(MountKind.Copy);
