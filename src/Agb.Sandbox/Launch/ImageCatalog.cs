using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.Sandbox;

/// <summary>The images of sessions: the built-in ones and the images of images.json in the engine's directory. That
/// file may redefine a built-in one.</summary>
internal sealed class ImageCatalog
{
    private const string FileName = "images.json";

    // The display of a session's desktop, for programs of X (X(7), "DISPLAY NAMES").
    private const string Display = ":99";

    private static readonly AgbImage[] s_builtIn =
    [
        Own("agb-code-space-1", "/home/code", "The host's system for running code."),
        Own("agb-code-space-2", "/home/code", "The host's system for running code, as the second code image."),
        Own("agb-browser-use-1", "/home/browser", "The host's system with a browser.") with { HasBrowser = true },
        Desktop("agb-computer-use-1"),
        Desktop("agb-computer-use-ubuntu-2204"),
    ];

    private readonly SortedDictionary<string, AgbImage> _images;

    private ImageCatalog(SortedDictionary<string, AgbImage> images) => _images = images;

    /// <summary>The built-in images alone.</summary>
    public static ImageCatalog BuiltIn => new(new(s_builtIn.ToDictionary(i => i.ImageId), StringComparer.Ordinal));

    /// <summary>Every image, sorted by id.</summary>
    public IReadOnlyCollection<AgbImage> Images => _images.Values;

    /// <summary>Reads the catalogue.</summary>
    /// <param name="agbHome">The engine's directory.</param>
    /// <exception cref="AgbException">InvalidImage, with the file and the fault in it.</exception>
    public static ImageCatalog Load(string agbHome) => LoadFile(Path.Combine(agbHome, FileName));

    /// <summary>Reads a catalogue from a given file.</summary>
    /// <param name="path">The file; a missing one adds no images.</param>
    /// <exception cref="AgbException">InvalidImage, with the file and the fault in it.</exception>
    public static ImageCatalog LoadFile(string path)
    {
        var images = new SortedDictionary<string, AgbImage>(StringComparer.Ordinal);
        foreach (var image in s_builtIn)
        {
            images[image.ImageId] = image;
        }
        if (File.Exists(path))
        {
            var own = new HashSet<string>(StringComparer.Ordinal);
            foreach (var entry in Read(path))
            {
                var image = Check(path, entry);
                if (!own.Add(image.ImageId))
                {
                    throw Invalid(path, $"the image id '{image.ImageId}' occurs twice");
                }
                images[image.ImageId] = image;
            }
        }
        return new ImageCatalog(images);
    }

    /// <summary>Finds an image.</summary>
    /// <exception cref="AgbException">ImageNotFound, with the known ids.</exception>
    public AgbImage Get(string imageId) =>
        _images.TryGetValue(imageId, out var image) ? image : throw AgbErrors.ImageNotFound(imageId, _images.Keys);

    private static AgbImage Own(string id, string home, string description) =>
        new() { ImageId = id, HomeDirectory = home, Description = description, Environment = Variables(id, home, null) };

    private static AgbImage Desktop(string id)
    {
        const string Home = "/home/computer";
        return new()
        {
            ImageId = id,
            HomeDirectory = Home,
            Description = "The host's system with a desktop and a browser.",
            Environment = Variables(id, Home, null, hasDesktop: true),
            HasBrowser = true,
            HasDesktop = true,
        };
    }

    private static Dictionary<string, string> Variables(string id, string home, IReadOnlyDictionary<string, string>? own, bool hasDesktop = false)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["AGB_IMAGE_ID"] = id, ["HOME"] = home };
        if (hasDesktop)
        {
            variables["DISPLAY"] = Display;
        }
        foreach (var (name, value) in own ?? new Dictionary<string, string>())
        {
            variables[name] = value;
        }
        return variables;
    }

    private static IReadOnlyList<ImageEntry?> Read(string path)
    {
        try
        {
            var file = JsonSerializer.Deserialize(File.ReadAllBytes(path), ImageJson.Default.ImageFile);
            return file?.Images ?? throw Invalid(path, "it has no list named 'images'");
        }
        catch (JsonException e)
        {
            throw Invalid(path, $"it is not valid: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !Exhaustion.Is(e))
        {
            throw Invalid(path, $"it can't be read: {e.Message}", e);
        }
    }

    private static AgbImage Check(string path, ImageEntry? entry)
    {
        if (entry is null || string.IsNullOrWhiteSpace(entry.ImageId))
        {
            throw Invalid(path, "an image has no 'imageId'");
        }
        var id = entry.ImageId;
        try
        {
            var root = LinuxPath.Normalize(entry.Root ?? "/", "root");
            var home = LinuxPath.Normalize(entry.HomeDirectory ?? "/home/agb", "homeDirectory");
            if (!Directory.Exists(root) || !(Path.Exists(Path.Combine(root, "bin/sh")) || Path.Exists(Path.Combine(root, "usr/bin/sh"))))
            {
                throw Invalid(path, $"the root '{root}' of the image '{id}' is not a directory with a system in it (it has no bin/sh)");
            }
            // A colon separates the fields of /etc/passwd.
            if (home.Contains(':'))
            {
                throw Invalid(path, $"the home directory '{home}' of the image '{id}' holds a colon");
            }
            if (home == "/home" || (home != "/root" && LinuxPath.NormalizeMount(home) != home))
            {
                throw Invalid(path, $"the home directory '{home}' of the image '{id}' is a directory of the system");
            }
            RequestRules.EnvironmentVariables(entry.Environment ?? []);
            return new AgbImage
            {
                ImageId = id,
                Root = root,
                HomeDirectory = home,
                Description = entry.Description,
                Environment = Variables(id, home, entry.Environment, entry.HasDesktop),
                HasBrowser = entry.HasBrowser,
                HasDesktop = entry.HasDesktop,
            };
        }
        catch (AgbException e) when (e.ErrorId != AgbErrorIds.InvalidImage)
        {
            throw Invalid(path, $"the image '{id}' is not valid: {e.Message}", e);
        }
    }

    private static AgbException Invalid(string path, string what, Exception? inner = null) => new(
        AgbErrorIds.InvalidImage, AgbErrorKind.InvalidInput,
        $"The image catalogue '{path}' can't be used: {what.TrimEnd('.')}.",
        """Expected: {"images": [{"imageId": "my-image", "root": "/srv/my-image", "homeDirectory": "/home/me"}]}.""", path, inner);
}

/// <summary>images.json.</summary>
internal sealed record ImageFile(List<ImageEntry?>? Images);

/// <summary>An entry of images.json.</summary>
internal sealed record ImageEntry(
    string? ImageId, string? Root, string? HomeDirectory, Dictionary<string, string>? Environment, string? Description)
{
    public bool HasBrowser { get; init; }

    public bool HasDesktop { get; init; }
}

/// <summary>Source-generated JSON of images.json, with camel case names, comments and trailing commas allowed.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ImageFile))]
internal sealed partial class ImageJson : JsonSerializerContext;
