using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Agb.PowerShell.TestService;

/// <summary>One version of the files of a context.</summary>
internal sealed record MemoryTree(AgbContextVersion Version, ImmutableSortedDictionary<string, MemoryTree.Entry> Entries)
{
    internal sealed record Entry(AgbFileType Type, byte[] Content, int? Mode, DateTimeOffset Time, string? Target)
    {
        public AgbContextFile ToFile(AgbContext context, string path, bool tags) => new()
        {
            ContextId = context.Id,
            Path = path,
            Type = Type,
            Size = Content.Length,
            CreatedAt = Time,
            ModifiedAt = Time,
            Mode = Mode,
            LinkTarget = Target,
            ETag = tags && Type == AgbFileType.File ? Convert.ToHexStringLower(SHA256.HashData(Content)) : null,
            Service = context.Service,
        };
    }

    public static MemoryTree Empty(string contextId) => new(
        new AgbContextVersion { ContextId = contextId, Version = 0 },
        ImmutableSortedDictionary.Create<string, Entry>(StringComparer.Ordinal));

    /// <summary>A tree with an entry and the directories above it.</summary>
    public MemoryTree With(string path, Entry entry)
    {
        var entries = Entries;
        for (var parent = Parent(path); parent != "/"; parent = Parent(parent))
        {
            if (!entries.TryGetValue(parent, out var there))
            {
                entries = entries.Add(parent, new Entry(AgbFileType.Directory, [], 0x1ED, entry.Time, null));
            }
            else if (there.Type != AgbFileType.Directory)
            {
                throw Wrong($"'{parent}' is no directory.", parent);
            }
        }
        if (entries.TryGetValue(path, out var old) && (old.Type == AgbFileType.Directory) != (entry.Type == AgbFileType.Directory))
        {
            throw Wrong($"'{path}' is {(old.Type == AgbFileType.Directory ? "a" : "no")} directory.", path);
        }
        return this with { Entries = entries.SetItem(path, entry) };
    }

    /// <summary>A tree without what is at a path.</summary>
    public MemoryTree Without(string path, bool recurse, string contextId)
    {
        if (!Entries.ContainsKey(path))
        {
            throw AgbErrors.FileNotFound(contextId, path);
        }
        var below = Entries.Keys.Where(k => LinuxPath.IsAtOrBelow(k, path)).ToArray();
        return below.Length > 1 && !recurse ? throw Wrong($"'{path}' is not empty.", path) : this with { Entries = Entries.RemoveRange(below) };
    }

    /// <summary>What is in a directory, or below it, in the order in which a service lists it.</summary>
    public IEnumerable<(string Path, Entry Entry)> Below(string path, bool recurse) => Entries
        .Where(e => e.Key != path && LinuxPath.IsAtOrBelow(e.Key, path) && (recurse || Parent(e.Key) == path))
        .OrderBy(e => e.Key.Replace('/', '\0'), StringComparer.Ordinal)
        .Select(e => (e.Key, e.Value));

    private static string Parent(string path) => path.LastIndexOf('/') is var end && end <= 0 ? "/" : path[..end];

    private static AgbException Wrong(string message, string path) =>
        new(AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput, message, target: path);
}
