using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.Sandbox;

/// <summary>The result of the host probe, kept until the next boot.</summary>
internal sealed record HostVerdict
{
    /// <summary>The boot, kernel, user and programs of the probe.</summary>
    public required string Key { get; init; }

    /// <summary>The error of a sandbox's start, or null when it works.</summary>
    public required string? SandboxError { get; init; }

    /// <summary>The error of an overlay mount, or null when it works.</summary>
    public required string? OverlayError { get; init; }

    /// <summary>The reason against overlays with trusted marks, or null when they work.</summary>
    public required string? TrustedError { get; init; }

    /// <summary>The reason why hard links of earlier versions are not kept, or null when they are.</summary>
    public required string? LinksError { get; init; }

    /// <summary>The kind of the sessions' mounts.</summary>
    /// <param name="asked">The kind in the service's options.</param>
    internal MountKind MountKindFor(MountKind asked) => asked switch
    {
        MountKind.Auto when OverlayError is not null => MountKind.Copy,
        MountKind.Auto or MountKind.Overlay => TrustedError is null ? MountKind.TrustedOverlay : MountKind.Overlay,
        MountKind.UserOverlay => MountKind.Overlay,
        _ => asked,
    };

    /// <summary>Reads a kept verdict.</summary>
    /// <returns>Null without a verdict for that key; a damaged one is ignored.</returns>
    public static HostVerdict? TryRead(string path, string key)
    {
        try
        {
            var verdict = JsonSerializer.Deserialize(File.ReadAllBytes(path), HostJson.Default.HostVerdict);
            return verdict?.Key == key ? verdict : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // The probe can run again.
            return null;
        }
    }

    /// <summary>Writes the verdict atomically.</summary>
    public void Write(string path) => AtomicFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(this, HostJson.Default.HostVerdict));
}

/// <summary>Source-generated JSON of this directory's records.</summary>
[JsonSerializable(typeof(HostVerdict))]
internal sealed partial class HostJson : JsonSerializerContext;
