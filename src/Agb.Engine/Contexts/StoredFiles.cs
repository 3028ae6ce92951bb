namespace Agb.Engine;

/// <summary>Reads files in the versions of contexts.</summary>
internal sealed class StoredFiles(EngineParts parts)
{
    private const int ReadBuffer = 64 * 1024;

    /// <summary>Lists a directory. The version stays open until the enumeration ends.</summary>
    internal IEnumerable<AgbContextFile> List(string contextId, AgbContextFileQuery query)
    {
        var path = LinuxPath.NormalizeFile(query.Path, "path");
        RequireNotNegative("number of entries to skip", query.Skip);
        using var version = StoredVersion.Open(parts, contextId, query.Version);
        foreach (var file in new StoredFileWalk(version, query.Recurse).Walk(path, query.Skip))
        {
            yield return file;
        }
    }

    /// <summary>Finds one entry.</summary>
    internal AgbContextFile Get(string contextId, string path, long? version)
    {
        var normal = LinuxPath.NormalizeFile(path, "path");
        using var stored = StoredVersion.Open(parts, contextId, version);
        using var parent = OpenParent(stored, normal);
        return normal == "/" ? stored.DescribeRoot(parent) : Describe(stored, parent, normal);
    }

    /// <summary>Opens one file. Its descriptor keeps the content readable after the end of the version.</summary>
    internal AgbContextFileContent Open(string contextId, string path, long? version, long offset)
    {
        var normal = LinuxPath.NormalizeFile(path, "path");
        RequireNotNegative("offset", offset);
        using var stored = StoredVersion.Open(parts, contextId, version);
        using var parent = OpenParent(stored, normal);
        var file = normal == "/" ? stored.DescribeRoot(parent) : Describe(stored, parent, normal);
        if (file.Type != AgbFileType.File)
        {
            throw new AgbException(
                AgbErrorIds.WrongFileType, AgbErrorKind.InvalidInput,
                $"The context has a {(file.Type == AgbFileType.Directory ? "directory" : "symbolic link")} at '{normal}'; expected a file.",
                file.Type == AgbFileType.Directory
                    ? "List the directory, and open a file of it."
                    : $"It points to '{file.LinkTarget}'; links are not followed.",
                normal);
        }
        var name = BytePath.FromText(file.Name);
        var content = parent.TryOpenLarge(name) ?? OpenSmall(parent, name);
        try
        {
            content.Position = Math.Min(offset, file.Size);
            return new AgbContextFileContent(file, content);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    private static FileStream OpenSmall(MergedDirectory parent, string name)
    {
        using var opened = parent.HolderOf(name).OpenReadAt(name);
        return new FileStream(opened.Duplicate(), FileAccess.Read, ReadBuffer);
    }

    private static MergedDirectory OpenParent(StoredVersion version, string path) =>
        version.OpenDirectory(BytePath.FromText(path[..path.LastIndexOf('/')]));

    private static AgbContextFile Describe(StoredVersion version, MergedDirectory parent, string path)
    {
        var name = BytePath.FromText(path[(path.LastIndexOf('/') + 1)..]);
        return parent.Lookup(name) is { Kind: EntryKind.File or EntryKind.Directory or EntryKind.Symlink } stat
            ? version.Describe(parent, parent.HolderIndexOf(name), name, stat, path)
            : throw AgbErrors.FileNotFound(version.ContextId, path);
    }

    private static void RequireNotNegative(string what, long value)
    {
        if (value < 0)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidRequest, $"The {what} is {value}; expected 0 or more.", target: value);
        }
    }
}
