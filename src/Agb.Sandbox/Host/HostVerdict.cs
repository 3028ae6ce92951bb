using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.Sandbox;

/// <summary>What was found out about a host by trying, kept so that it need not be tried again before the next boot.</summary>
internal sealed record HostVerdict
{
    /// <summary>The boot, kernel, user and programs that it holds for.</summary>
    public required string Key { get; init; }

    /// <summary>What a sandbox's start said, or null when it works.</summary>
    public required string? SandboxError { get; init; }

    /// <summary>What an overlay mount said, or null when it works.</summary>
    public required string? OverlayError { get; init; }

    /// <summary>Why overlays are not mounted with trusted marks, or null when those hold.</summary>
    public required string? TrustedError { get; init; }

    /// <summary>Why names of one file in earlier versions are not kept together, or null when they are.</summary>
    public required string? LinksError { get; init; }

    /// <summary>How sessions mount contexts here.</summary>
    /// <param name="asked">What the service's options say.</param>
    internal MountKind MountKindFor(MountKind asked) => asked switch
    {
        MountKind.Auto when OverlayError is not null => MountKind.Copy,
        MountKind.Auto or MountKind.Overlay => TrustedError is null ? MountKind.TrustedOverlay : MountKind.Overlay,
        MountKind.UserOverlay => MountKind.Overlay,
        _ => asked,
    };

    /// <summary>Reads a kept verdict.</summary>
    /// <returns>Null when there is none for that key; a damaged one counts as none.</returns>
    public static HostVerdict? TryRead(string path, string key)
    {
        try
        {
            var verdict = JsonSerializer.Deserialize(File.ReadAllBytes(path), HostJson.Default.HostVerdict);
            return verdict?.Key == key ? verdict : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // It can be found out anew.
            return null;
        }
    }

    /// <summary>Keeps the verdict; a reader sees all of it or none.</summary>
    public void Write(string path)
    {
        var part = $"{path}.{Guid.NewGuid():n}";
        File.WriteAllBytes(part, JsonSerializer.SerializeToUtf8Bytes(this, HostJson.Default.HostVerdict));
        File.Move(part, path, overwrite: true);
    }
}

/// <summary>Source-generated JSON of this directory's records.</summary>
[JsonSerializable(typeof(HostVerdict))]
internal sealed partial class HostJson : JsonSerializerContext;
