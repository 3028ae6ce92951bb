using System.Management.Automation;
using System.Text;

namespace Agb.PowerShell;

/// <content>Changes of contexts and files: each call is one version, or nothing.</content>
public sealed partial class ContextDriveProvider
{
    /// <inheritdoc/>
    protected override void NewItem(string path, string itemTypeName, object newItemValue) => Try(path, () => Make(path, ItemType(itemTypeName), newItemValue));

    private void Make(string path, AgbFileType type, object? newItemValue)
    {
        var target = DrivePath.Parse(path);
        _seen.Clear();
        var what = type switch
        {
            AgbFileType.Directory => "Create directory",
            AgbFileType.SymbolicLink => "Create symbolic link",
            _ => "Create file",
        };
        if (!ShouldProcess(target.ToString(), target.IsContext ? "Create context" : what))
        {
            return;
        }
        Do(path, async token =>
        {
            if (RequireChild(target).IsContext)
            {
                var context = await Service(target).CreateContextAsync(target.Context!, Force, token).ConfigureAwait(false);
                return () => Write(new DriveItem(target.OfContext(context), context));
            }
            target = await PlaceAsync(target, token).ConfigureAwait(false);
            var view = await ViewAsync(target, token).ConfigureAwait(false);
            if (!Force && await FindAsync(target, token).ConfigureAwait(false) is not null)
            {
                throw new AgbException(
                    AgbErrorIds.WrongFileType, AgbErrorKind.AlreadyExists, $"'{target.Path}' of context '{target.Context}' exists already.",
                    "Replace it by -Force.", path);
            }
            var text = newItemValue is null ? "" : LanguagePrimitives.ConvertTo<string>(newItemValue);
            await ChangeAsync(
                view, type switch
                {
                    AgbFileType.Directory => new AgbContextFileChange.MakeDirectory(target.Path),
                    AgbFileType.SymbolicLink => new AgbContextFileChange.Link(target.Path, text),
                    _ => new AgbContextFileChange.Put(target.Path, _ => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(text)))),
                },
                token).ConfigureAwait(false);
            var made = await RequireAsync(target, token).ConfigureAwait(false);
            return () => Write(made);
        });
    }

    /// <inheritdoc/>
    protected override void RemoveItem(string path, bool recurse)
    {
        var target = DrivePath.Parse(path);
        _seen.Clear();
        if (!ShouldProcess(target.ToString(), target.IsContext ? "Delete context and all its versions" : "Remove"))
        {
            return;
        }
        Do(path, async token =>
        {
            target = await PlaceAsync(RequireChild(target), token).ConfigureAwait(false);
            var view = await ViewAsync(target, token).ConfigureAwait(false);
            await (target.IsContext
                ? view.Service.RemoveContextAsync(view.Context, token)
                : ChangeAsync(view, new AgbContextFileChange.Remove(target.Path, recurse), token)).ConfigureAwait(false);
            return () => { };
        });
    }

    /// <inheritdoc/>
    protected override void RenameItem(string path, string newName)
    {
        var source = DrivePath.Parse(path);
        _seen.Clear();
        if (source.IsContext)
        {
            if (ShouldProcess(source.ToString(), $"Rename context to '{newName}'"))
            {
                Do(path, async token =>
                {
                    var view = await ViewAsync(source, token).ConfigureAwait(false);
                    var context = await view.Service.RenameContextAsync(view.Context, newName, token).ConfigureAwait(false);
                    return () => Write(new DriveItem(source.OfContext(context), context));
                });
            }
            return;
        }
        Transfer(path, null, newName, recurse: true, move: true);
    }

    /// <inheritdoc/>
    protected override void CopyItem(string path, string copyPath, bool recurse) =>
        Transfer(path, DrivePath.Parse(copyPath), null, recurse, move: false);

    /// <inheritdoc/>
    protected override void MoveItem(string path, string destination) =>
        Transfer(path, DrivePath.Parse(destination), null, recurse: true, move: true);

    /// <summary>Copies or moves files within the provider.</summary>
    /// <param name="path">The source.</param>
    /// <param name="destination">The destination: in an existing directory the source keeps its name. Null for a rename beside
    /// the source.</param>
    /// <param name="newName">The new name beside the source.</param>
    /// <param name="recurse">Whether the content of directories is included.</param>
    /// <param name="move">Whether to remove the source.</param>
    private void Transfer(string path, DrivePath? destination, string? newName, bool recurse, bool move)
    {
        var source = DrivePath.Parse(path);
        _seen.Clear();
        if (!ShouldProcess($"{source} to {destination?.ToString() ?? newName}", move ? "Move" : "Copy"))
        {
            return;
        }
        Do(path, async token =>
        {
            var filter = FilterPattern();
            if (RequireChild(source).IsContext)
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidPath, $"'{source}' is a whole context and can't be copied or moved.",
                    $"Copy its content: '{source}/*'.", path);
            }
            var item = await RequireAsync(source, token).ConfigureAwait(false);
            var from = await ViewAsync(item.Path, token).ConfigureAwait(false);
            var target = destination is { } given
                ? await PlaceAsync(RequireChild(given), token).ConfigureAwait(false)
                : item.Path with { Path = ContextPath.Join(ContextPath.Parent(item.Path.Path), newName!) };
            var to = await ViewAsync(target, token).ConfigureAwait(false);
            var isInto = destination is not null && await FindAsync(target, token).ConfigureAwait(false) is { IsContainer: true };
            var moved = isInto ? target with { Path = ContextPath.Join(target.Path, item.Path.Name) } : target;
            var isSame = ReferenceEquals(from.Service, to.Service) && from.Context.Id == to.Context.Id;
            if (isSame && LinuxPath.IsAtOrBelow(moved.Path, item.Path.Path))
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidPath, $"'{moved.Path}' is '{item.Path.Path}' itself or lies in it.", "Choose another destination.", path);
            }
            var copy = new TreeCopy(from, (AgbContextFile)item.Value!, moved.Path)
            {
                Recurse = recurse,
                Filter = filter,
                RemovesSource = move && isSame,
            };
            await to.Service.ChangeContextFilesAsync(
                to.Context, copy.ChangesAsync(token), token).ConfigureAwait(false);
            if (move && !isSame)
            {
                // Only after the copy is stored: an interruption in between leaves both.
                await ChangeAsync(from, new AgbContextFileChange.Remove(item.Path.Path, Recurse: true), token).ConfigureAwait(false);
            }
            var made = await RequireAsync(moved, token).ConfigureAwait(false);
            return () => Write(made);
        });
    }

    private static Task ChangeAsync(ContextView view, AgbContextFileChange change, CancellationToken token)
    {
        return view.Service.ChangeContextFilesAsync(view.Context, One(), token);

        async IAsyncEnumerable<AgbContextFileChange> One()
        {
            yield return change;
            await Task.CompletedTask.ConfigureAwait(false);
        }
    }

    /// <summary>The type named by New-Item -ItemType. A prefix of the word is enough, as for the file system.</summary>
    /// <exception cref="AgbException">InvalidRequest: any other word.</exception>
    private static AgbFileType ItemType(string? word)
    {
        return string.IsNullOrEmpty(word) || Begins("File") || Begins("Leaf") ? AgbFileType.File
            : Begins("Directory") || Begins("Container") ? AgbFileType.Directory
            : Begins("SymbolicLink") ? AgbFileType.SymbolicLink
            : throw AgbErrors.Invalid(
                AgbErrorIds.InvalidRequest, $"'{word}' is no type of item in a context; expected File, Directory or SymbolicLink.", null, word);

        bool Begins(string type) => type.StartsWith(word, StringComparison.OrdinalIgnoreCase);
    }

    private static DrivePath RequireChild(DrivePath path) => path.IsRoot
        ? throw AgbErrors.Invalid(AgbErrorIds.InvalidPath, "The root of the drive is the list of contexts.", "Name a context, such as agb:/my-context.", "/")
        : path;
}
