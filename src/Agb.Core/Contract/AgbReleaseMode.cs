namespace Agb;

/// <summary>The treatment of a session's changes at its release.</summary>
public enum AgbReleaseMode
{
    /// <summary>Upload the mounts whose policy says so.</summary>
    Policy,

    /// <summary>Upload every mount, regardless of its auto-upload.</summary>
    Upload,

    /// <summary>Upload nothing.</summary>
    Discard,
}
