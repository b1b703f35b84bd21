"""The permissions of the review desk, as Django names them: who may open it, and who may decide there."""

USE, PLAN = "articles.use_review_desk", "articles.plan_reviews"
