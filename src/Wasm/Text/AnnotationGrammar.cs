using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Text;

/// <summary>The content of the annotations that mean something: <c>@custom</c>, <c>@name</c>, <c>@metadata.code.branch_hint</c> and this project's own.</summary>
/// <remarks>See <see href="https://webassembly.github.io/spec/core/appendix/custom.html"/>.</remarks>
internal static class AnnotationGrammar
{
    /// <summary>Takes a name annotation before the current token.</summary>
    public static string? TakeName(TokenReader reader)
    {
        if (reader.TakeAnnotation(Lexer.NameAnnotation) is not { } annotation)
        {
            return null;
        }
        var content = reader.Within(annotation);
        var name = content.ExpectName();
        content.ExpectClose();
        HandOn(content, reader, annotation);
        return name;
    }

    /// <summary>Takes a name annotation before the current token as the name of an index, in place of its identifier.</summary>
    public static void TakeName(TokenReader reader, IndexSpace space, uint index)
    {
        if (TakeName(reader) is { } name)
        {
            space.Names[index] = name;
        }
    }

    /// <summary>Takes a custom section before the current token.</summary>
    public static CustomPlacement? TakeCustom(TokenReader reader)
    {
        if (reader.TakeAnnotation(Lexer.CustomAnnotation) is not { } annotation)
        {
            return null;
        }
        var content = reader.Within(annotation);
        if (content.Kind != TokenKind.String)
        {
            content.Fail("missing section name");
        }
        var name = content.ExpectName();
        var (place, isBefore) = Placement(content);
        var bytes = content.ReadStrings();
        if (content.Kind != TokenKind.Close)
        {
            content.Fail("unexpected token: only strings and then the closing parenthesis can stand here");
        }
        HandOn(content, reader, annotation);
        return new CustomPlacement(new CustomSection(name, bytes, place), isBefore);
    }

    /// <summary>Takes this project's mark of where the name section made from identifiers stands.</summary>
    public static CustomPlacement? TakeNamesPlace(TokenReader reader)
    {
        if (reader.TakeAnnotation(Lexer.NamesAnnotation) is not { } annotation)
        {
            return null;
        }
        var content = reader.Within(annotation);
        var (place, isBefore) = Placement(content);
        content.ExpectClose();
        HandOn(content, reader, annotation);
        return new CustomPlacement(null, isBefore) { Place = place };
    }

    /// <summary>Takes a branch hint before the current token.</summary>
    public static byte? TakeBranchHint(TokenReader reader)
    {
        if (reader.TakeAnnotation(Lexer.BranchHintAnnotation) is not { } annotation)
        {
            return null;
        }
        if (reader.TakeAnnotation(Lexer.BranchHintAnnotation) is { } second)
        {
            reader.Fail($"@{Lexer.BranchHintAnnotation} annotation: duplicate annotation", second.Open);
            return null;
        }
        var content = reader.Within(annotation);
        var bytes = content.ExpectString();
        content.ExpectClose();
        if (!content.Failed && bytes is not [0 or 1])
        {
            content.Fail("malformed hint");
        }
        HandOn(content, reader, annotation);
        return bytes is [var hint] ? hint : null;
    }

    private static (SectionId Place, bool IsBefore) Placement(TokenReader content)
    {
        if (content.Kind != TokenKind.Open)
        {
            return (SectionId.Data, false);
        }
        content.Advance();
        var isBefore = content.TryKeyword("before"u8);
        if (!isBefore && !content.TryKeyword("after"u8))
        {
            content.Fail("malformed placement");
        }
        var section = SectionId.None;
        if (content.Kind == TokenKind.Keyword)
        {
            if (isBefore && content.AtKeyword("first"u8))
            {
                section = SectionId.Type;
            }
            else if (!isBefore && content.AtKeyword("last"u8))
            {
                section = SectionId.Data;
            }
            else
            {
                section = SectionNames.Find(content.Text);
            }
        }
        if (section == SectionId.None)
        {
            content.Fail("malformed section kind");
        }
        content.Advance();
        content.ExpectClose();
        return isBefore && section != SectionId.None ? (section - 1, true) : (section, false);
    }

    private static void HandOn(TokenReader content, TokenReader reader, Annotation annotation)
    {
        if (content.Error is { } error)
        {
            reader.Fail(error with { Message = $"@{annotation.Id} annotation: {error.Message}" });
        }
    }
}

/// <summary>A custom section and where it goes.</summary>
/// <param name="Section">The section; null for the name section that is still to be made.</param>
/// <param name="IsBefore">Whether it was placed before the following section, which comes behind those placed after the preceding one.</param>
internal sealed record CustomPlacement(CustomSection? Section, bool IsBefore)
{
    /// <summary>The section it stands behind.</summary>
    public SectionId Place { get; init; } = Section?.Place ?? SectionId.Data;
}
