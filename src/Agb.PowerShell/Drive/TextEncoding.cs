using System.Management.Automation.Language;

namespace Agb.PowerShell;

/// <summary>Converts the value of -Encoding: an encoding, a code page, or one of PowerShell's names for encodings.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextEncodingAttribute : ArgumentTransformationAttribute
{
    private static readonly UTF8Encoding s_plain = new(encoderShouldEmitUTF8Identifier: false);

    private static readonly Dictionary<string, Func<Encoding>> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ascii"] = () => Encoding.ASCII,
        ["ansi"] = () => Encoding.GetEncoding(System.Globalization.CultureInfo.CurrentCulture.TextInfo.ANSICodePage),
        ["bigendianunicode"] = () => Encoding.BigEndianUnicode,
        ["bigendianutf32"] = () => new UTF32Encoding(bigEndian: true, byteOrderMark: true),
        ["oem"] = () => Encoding.GetEncoding(System.Globalization.CultureInfo.CurrentCulture.TextInfo.OEMCodePage),
        ["unicode"] = () => Encoding.Unicode,
        ["utf8"] = () => s_plain,
        ["utf8BOM"] = () => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true),
        ["utf8NoBOM"] = () => s_plain,
        ["utf32"] = () => Encoding.UTF32,
    };

    /// <summary>PowerShell's names.</summary>
    internal static IEnumerable<string> Names => s_names.Keys;

    /// <summary>UTF-8 without a byte order mark, the default of -Encoding.</summary>
    internal static Encoding Default => s_plain;

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = Arguments.Plain(inputData);
        try
        {
            return value switch
            {
                Encoding encoding => encoding,
                string name when s_names.TryGetValue(name, out var make) => make(),
                string text when int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var page) => Encoding.GetEncoding(page),
                string name => Encoding.GetEncoding(name),
                int page => Encoding.GetEncoding(page),
                _ => throw new ArgumentException($"A value of type {value?.GetType().Name ?? "null"} is no encoding."),
            };
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ArgumentTransformationMetadataException(
                $"'{value}' is not an encoding of this system; expected an encoding, a code page, or one of {string.Join(", ", s_names.Keys)}.", e);
        }
    }
}

/// <summary>Completes the names of encodings.</summary>
public sealed class TextEncodingCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Matching(wordToComplete, TextEncodingAttribute.Names.Select(n => new Candidate(n, $"The encoding {n}")));
}
