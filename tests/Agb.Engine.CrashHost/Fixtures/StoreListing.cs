using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Agb.Engine.CrashHost.Fixtures;

/// <summary>All that a store holds for its users, as lines of text: contexts, versions, and every entry of every version.</summary>
public static class StoreListing
{
    /// <summary>Lists a store. Times of directories above a mount's origin are left out: they are the moment's.</summary>
    public static IReadOnlyList<string> Of(EmbeddedService service)
    {
        var lines = new List<string>();
        var (catalog, paths) = (service.Parts.Catalog, service.Parts.Paths);
        foreach (var context in catalog.Read(ContextTable.All))
        {
            lines.Add(Invariant($"context {context.Name} head {context.Head} origins {string.Join(' ', catalog.Read(tx => ContextTable.Origins(tx, context.Id)))}"));
            foreach (var version in catalog.Read(tx => VersionTable.OfContext(tx, context.Id)).OrderBy(v => v.Version))
            {
                lines.Add(Invariant(
                    $"  version {version.Version} added {version.FilesAdded} changed {version.FilesChanged} deleted {version.FilesDeleted} bytes {version.Bytes}"));
                using var root = new LayerTrees(paths, version.Stack).Open();
                Visit(root, "", lines);
            }
        }
        return lines;
    }

    private static void Visit(MergedDirectory directory, string path, List<string> lines)
    {
        foreach (var (name, stat) in directory.Entries())
        {
            var childPath = $"{path}/{name}";
            var line = new StringBuilder("    ").Append(BytePath.ToDisplay(childPath)).Append(Invariant($" {stat.Kind} {Convert.ToString(stat.Permissions, 8)}"));
            if (stat.Kind == EntryKind.Directory)
            {
                using var child = directory.OpenChild(name);
                lines.Add(line.Append(Attributes(child.Topmost)).ToString());
                Visit(child, childPath, lines);
                continue;
            }
            line.Append(Invariant($" mtime {stat.MtimeNs}"));
            var holder = directory.HolderOf(name);
            if (stat.Kind == EntryKind.Symlink)
            {
                line.Append(" -> ").Append(BytePath.ToDisplay(holder.ReadLinkAt(name)));
            }
            else if (stat.Kind == EntryKind.File)
            {
                using var file = holder.OpenReadAt(name);
                using var large = directory.TryOpenLarge(name);
                line.Append(Invariant($" {stat.Size} bytes {(large is null ? Hash(file, stat.Size) : Convert.ToHexString(SHA256.HashData(large))[..16])}"))
                    .Append(Attributes(file));
            }
            lines.Add(line.ToString());
        }
    }

    private static string Attributes(Fd file) =>
        string.Concat(Xattrs.Read(file).OrderBy(a => a.Name, StringComparer.Ordinal).Select(a => $" {a.Name}={Convert.ToHexString(a.Value)}"));

    private static unsafe string Hash(Fd file, long size)
    {
        var content = new byte[size];
        fixed (byte* p = content)
        {
            return Posix.Pread(file.Number, p, (nuint)size, 0) == size
                ? Convert.ToHexString(SHA256.HashData(content))[..16]
                : throw new InvalidDataException($"Could not read all of {BytePath.ToDisplay(file.Path)}.");
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
