using System.Text.Json;
using System.Text.Json.Nodes;

namespace Agb.Server.Tools;

/// <summary>Runs code. What is wrong with the code is in the answer's executionError, never an error of the tool.</summary>
internal sealed class CodeTool : SessionTool
{
    private const long MostSeconds = 7 * 24 * 3600;
    private const long DefaultSeconds = 60;

    internal override string Name => "run_code";

    internal override string Description => "Runs code in the session. Variables of python and r stay from call to call.";

    internal override string InputSchema =>
        """
        {"type":"object","properties":{
        "code":{"type":"string","description":"The code"},
        "language":{"type":"string","enum":["python","javascript","java","r"],"description":"Its language; of Java, the statements of a method's body"},
        "timeout_s":{"type":"integer","minimum":1,"default":60,"description":"After this time, in seconds, the code is ended"}},
        "required":["code","language"]}
        """;

    /// <summary>The request that arguments mean.</summary>
    /// <exception cref="ToolArgumentException">A language that does not exist, or a missing argument.</exception>
    internal static AgbCodeRequest Request(ToolCall call, string timeout = "timeout_s") => new()
    {
        Code = call.Text("code"),
        Language = Language(call.Text("language")),
        Timeout = TimeSpan.FromSeconds(call.OptionalInteger(timeout, 1, MostSeconds) ?? DefaultSeconds),
    };

    /// <summary>A result in the protocol's first format. Its result is an array also when there is nothing to show.</summary>
    internal static JsonObject Answer(AgbCodeResult result) => new()
    {
        ["result"] = new JsonArray([.. result.Results.Select(r => (JsonNode)Item(r))]),
        ["stdout"] = Lines(result.Stdout),
        ["stderr"] = Lines(result.Stderr),
        ["executionError"] = result.Error,
        ["execution_count"] = result.ExecutionCount,
        ["execution_time"] = result.Duration.TotalSeconds,
    };

    /// <summary>One shown value.</summary>
    internal static JsonObject Item(AgbCodeOutput output)
    {
        var item = Mime(output);
        item["isMainResult"] = output.IsMainResult;
        return item;
    }

    /// <summary>The forms of a shown value. JSON forms travel as JSON.</summary>
    internal static JsonObject Mime(AgbCodeOutput output)
    {
        var forms = new JsonObject();
        foreach (var (type, form) in output.Mime)
        {
            forms[type] = type.EndsWith("json", StringComparison.Ordinal) ? Parse(form) : JsonValue.Create(form);
        }
        return forms;
    }

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var result = await call.Service.RunCodeAsync(call.SessionId, Request(call), cancellationToken).ConfigureAwait(false);
        return new ToolResult(Answer(result).ToJsonString());
    }

    private static AgbCodeLanguage Language(string name) => name.ToLowerInvariant() switch
    {
        "python" or "python3" or "py" => AgbCodeLanguage.Python,
        "javascript" or "js" or "node" or "nodejs" => AgbCodeLanguage.Javascript,
        "java" => AgbCodeLanguage.Java,
        "r" => AgbCodeLanguage.R,
        _ => throw new ToolArgumentException($"The language '{name}' is not known; expected python, javascript, java or r."),
    };

    private static JsonArray Lines(string text) => text.Length == 0 ? [] : [text];

    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            // What the code calls JSON and is not stays what it is: text.
            return JsonValue.Create(json);
        }
    }
}
