namespace Agb.Engine;

/// <summary>Settings of the embedded service.</summary>
public sealed record EmbeddedOptions
{
    /// <summary>The directory of catalog, layers and sessions; null for <c>$AGB_HOME</c>, else <c>agb</c> below the XDG
    /// data directory.</summary>
    public string? HomeDirectory { get; init; }

    /// <summary>The image catalogue; null for <c>images.json</c> in the home directory. A file that does not exist adds
    /// no images.</summary>
    public string? ImageCatalogFile { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How contexts are mounted.</summary>
    public MountKind MountKind { get; init; }

    /// <summary>The limits of sessions whose request says nothing about them.</summary>
    public AgbSessionLimits DefaultLimits { get; init; } = AgbSessionLimits.None;

    /// <summary>Whether a new session ends with this process until <see cref="ISessionClaimService.ClaimSession"/> says that its client knows of it.</summary>
    public bool HoldUntilClaimed { get; init; }

    /// <summary>The newest versions of a context that are kept whatever their age.</summary>
    public int KeepVersions { get; init; } = 10;

    /// <summary>Versions younger than this are kept whatever their number.</summary>
    public TimeSpan KeepVersionsFor { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long closing the service, or the end of the process, waits for releases that are under way. A release that is cut off
    /// is carried on by the next process that uses the store.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Told what failed in the background, and why; null for the trace alone.</summary>
    public Action<string, Exception>? BackgroundFailed { get; init; }
}
