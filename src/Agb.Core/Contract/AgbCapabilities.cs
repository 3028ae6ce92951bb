namespace Agb;

/// <summary>Operations that only some services have. The others throw NotSupported.</summary>
[Flags]
public enum AgbCapabilities
{
    /// <summary>Only the common operations.</summary>
    None = 0,

    /// <summary>Versions of contexts: list, read, restore, and changes as one version.</summary>
    ContextVersions = 1,

    /// <summary>The list of images.</summary>
    ImageList = 2,

    /// <summary>Limits, a maximum lifetime and a separate network of sessions.</summary>
    SessionOptions = 4,

    /// <summary>The list of released sessions.</summary>
    ReleasedSessions = 8,

    /// <summary>Stdin of commands, and their output as bytes.</summary>
    CommandStreams = 16,

    /// <summary>Interactive terminals (<see cref="ITerminalService"/>).</summary>
    Terminals = 32,

    /// <summary>Plans of syncs.</summary>
    SyncPlans = 64,

    /// <summary>Suspended sessions (<see cref="ISessionSleepService"/>).</summary>
    SessionSleep = 128,

    /// <summary>All operations.</summary>
    All = ContextVersions | ImageList | SessionOptions | ReleasedSessions | CommandStreams | Terminals | SyncPlans | SessionSleep,
}
