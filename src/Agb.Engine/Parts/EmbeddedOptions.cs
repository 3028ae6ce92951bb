using Microsoft.Extensions.Logging.Abstractions;

namespace Agb.Engine;

/// <summary>Settings of the embedded service.</summary>
public sealed record EmbeddedOptions
{
    /// <summary>The directory of catalog, layers and sessions; null for <c>$AGB_HOME</c>, else <c>agb</c> below the XDG
    /// data directory.</summary>
    public string? HomeDirectory { get; init; }

    /// <summary>The image catalogue; null for <c>images.json</c> in the home directory. A missing file adds no images.</summary>
    public string? ImageCatalogFile { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The mount method for contexts.</summary>
    public MountKind MountKind { get; init; }

    /// <summary>The default limits of sessions.</summary>
    public AgbSessionLimits DefaultLimits { get; init; } = AgbSessionLimits.None;

    /// <summary>Whether a new session ends with this process until <see cref="ISessionClaimService.ClaimSession"/> is called for
    /// it.</summary>
    public bool HoldUntilClaimed { get; init; }

    /// <summary>The number of newest versions of a context to keep regardless of age.</summary>
    public int KeepVersions { get; init; } = 10;

    /// <summary>The age below which versions are kept regardless of number.</summary>
    public TimeSpan KeepVersionsFor { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Time limit for running releases at the close of the service or the end of the process. The next process on the
    /// store completes an interrupted release.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The number of sandboxes that stand ready for each kind of session (image, network and limits), started in the background after a
    /// session of that kind, and ended after a minute without one; 0 for none.</summary>
    public int PreparedSandboxes { get; init; }

    /// <summary>Whether one more sandbox may stand ready, beside all sessions.</summary>
    public Func<bool> MayPrepare { get; init; } = static () => true;

    /// <summary>The log of failures without a caller, such as those of background work, in the categories <c>Agb.Engine</c> and
    /// <c>Agb.Store</c>.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>These settings with a log of lines, for a caller without the assembly of <see cref="LoggerFactory"/>.</summary>
    /// <param name="write">Takes the line of one warning; called on any thread.</param>
    public EmbeddedOptions WithLog(Action<string> write) => this with { LoggerFactory = new LineLoggerFactory(write) };
}
